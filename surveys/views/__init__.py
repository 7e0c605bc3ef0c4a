"""The learner's pages: what there is to study, and what is asked."""
