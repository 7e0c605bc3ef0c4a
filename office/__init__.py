"""What the CME office does across the rooms: two accounts of one person become one."""
