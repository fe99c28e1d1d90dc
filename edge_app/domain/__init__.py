"""What a clinic talks about: images, detections, findings, readings, studies."""
