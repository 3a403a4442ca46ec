"""The rules: values in, values out. Imports nothing but the standard library and pydantic."""
