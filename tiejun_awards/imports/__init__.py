"""Opening data by workbook: template, upload, preview, all or nothing; the same sheets out again."""
