"""Tools for agents over the Model Context Protocol: the bridge's own jobs, within folders that the user names.

The way in is ``mcp_server.serve``.
"""
