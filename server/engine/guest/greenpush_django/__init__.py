"""What the engine does within an application's Django."""
