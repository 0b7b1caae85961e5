"""Pure decisions of recruitment: facts and policy in, decision out. No I/O."""
