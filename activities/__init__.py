"""What is offered: providers, activities, credit designations, and the words an activity must carry."""
