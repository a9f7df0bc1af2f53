"""The gate of the promise, on snippets and on the package itself."""
