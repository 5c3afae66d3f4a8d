"""The MTProto face: what a user's client, or a bot that speaks MTProto, talks to."""
