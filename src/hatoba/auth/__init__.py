"""Who somebody is and what they may do: accounts, authorizations and scopes, access to apps."""
