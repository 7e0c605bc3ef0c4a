"""What the portal costs, as ratios against a named baseline measured in the same run; see `script/bench --help`."""
