"""How data and past consent come in from files, each as its own mapping or form says."""
