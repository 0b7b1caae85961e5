"""What is said between services: one module per publishing service, each event a constant with version, schema and example.

Adding an optional field is allowed; removing or changing one takes a new version beside the old. Personal fields are named
apart: they travel encrypted under the key of the person concerned.
"""
