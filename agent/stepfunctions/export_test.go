package stepfunctions

// LimitBodies lets tests go beyond the bound without large answers.
func (c *Client) LimitBodies(bytes int64) { c.maxBody = bytes }
