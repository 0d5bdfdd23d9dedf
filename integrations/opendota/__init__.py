"""OpenDota: finished Dota 2 games by id, and the games of a league."""
