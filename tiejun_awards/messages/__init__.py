"""站内消息 and reminders: to whom, why, link, read; at most three reminders a task, in working hours; e-mail when configured."""
