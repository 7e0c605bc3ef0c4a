"""What proves a credit: the certificate, frozen when it was issued, delivered by mail, verified by its code."""
