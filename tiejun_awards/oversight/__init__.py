"""The auditor's pages of the audit trail, and the supervision page (监督页)."""
