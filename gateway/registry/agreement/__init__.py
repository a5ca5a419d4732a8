"""Where the lists disagree with reality or with themselves (账实相符). Pure: lists and facts in, findings out."""
