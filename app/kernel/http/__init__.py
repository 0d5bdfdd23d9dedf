"""HTTP: forms in, pages and files out, safe headers, limits, and careful calls outward."""
