"""What comes in and goes out: `bodies` of commands, `answers` of commands, `views` of queries."""
