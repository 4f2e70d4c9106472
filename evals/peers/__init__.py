"""What a user would otherwise pick: other stacks, each in a module and a process of its own, behind one table."""
