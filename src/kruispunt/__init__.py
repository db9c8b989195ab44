"""A crossroads bank for social security: it decides by law, records, asks and answers."""
