"""What changes for users between two versions of the package: names, signatures and types, by where they stand."""
