"""Tools for agents over the Model Context Protocol: the bridge's own jobs, within folders that the user names.

The entry point is ``mcp_server.serve``.
"""
