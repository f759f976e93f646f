"""Platform API v3: the route table, decoding, encoding, paging, errors. No rule of the domain."""
