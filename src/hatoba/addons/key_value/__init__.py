"""Valkey servers, one for each key-value store: https://valkey.io/topics/protocol"""
