"""Scripts for the Workspace > Scripts menu of DaVinci Resolve."""
