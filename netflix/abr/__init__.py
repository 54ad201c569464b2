"""Bitrate rules, and a simulator of the sessions that they make: which quality next?"""
