"""From a leak to its end: the checklist, its ledger, and the facts that its entries need."""
