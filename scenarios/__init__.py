"""One module per section of RFC 8628; each function puts one situation on stage."""
