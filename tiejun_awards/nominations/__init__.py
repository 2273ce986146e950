"""群众推荐: what staff suggest; 组织推荐: what their unit makes of it."""
