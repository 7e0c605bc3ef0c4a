"""What the learner is asked, and the way through an activity."""
