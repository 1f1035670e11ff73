"""What is looked at on Azure itself: clients, `doctor`, `watch`. Nothing here changes anything."""
