"""What happens to responses, and to the surveys they answer."""
