package sdk

import "time"

// slotTime is how long a slot takes.
func (c *Client) slotTime() time.Duration { return 400 * time.Millisecond }
