"""Scored question sets: loading them, running the bot or a part of it over them, and measuring what came out."""
