"""The fifteen tasks of Delétang et al., "Neural Networks and the Chomsky Hierarchy" (2022), by level."""
