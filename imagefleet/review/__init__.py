"""Answers of a policy check as people and machines read them; nothing here decides anything."""
