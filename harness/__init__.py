"""Runs scenarios against an authorization server and judges what happened (RFC 8628)."""
