"""生态环境保护铁军建设管理: star ratings, quarterly reports and exemplars of a department."""
