"""What `status-secrets run` is made of: what it resolves, files in memory, a child process, masked output."""
