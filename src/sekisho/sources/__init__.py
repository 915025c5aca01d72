"""How data and past consent come in from files."""
