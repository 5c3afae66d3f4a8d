"""The book both programs write in and read from: values, rules and the only SQL.

Imports neither aiogram nor telethon.
"""
