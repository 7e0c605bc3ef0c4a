"""What is decided about activities: state, disclosures, hand edits, copies, programmes, documents."""
