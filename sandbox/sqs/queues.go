package sqs

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// cooling is how long a deleted queue's name is not free, and how long one purge lasts.
const cooling = time.Minute

var queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

func (s *Service) arn(name string) string {
	return "arn:aws:sqs:" + s.config.Region + ":" + s.config.AccountID + ":" + name
}

func (s *Service) url(name string) string {
	return s.config.EndpointURL() + "/" + s.config.AccountID + "/" + name
}

// byURL finds a queue. The caller holds the lock.
func (s *Service) byURL(url string) (*queue, error) {
	if url == "" {
		return nil, missing("QueueUrl")
	}
	q, ok := s.queues[nameIn(url, s.config.AccountID)]
	if !ok {
		return nil, doesNotExist()
	}
	return q, nil
}

// byARN finds a queue; nil when there is none. The caller holds the lock.
func (s *Service) byARN(arn string) *queue {
	q := s.queues[arn[strings.LastIndexByte(arn, ':')+1:]]
	if q == nil || q.arn != arn {
		return nil
	}
	return q
}

func doesNotExist() *awswire.Error {
	return awswire.Errorf("QueueDoesNotExist", "The specified queue does not exist.")
}

type createQueueInput struct {
	QueueName  string
	Attributes map[string]string
}

type queueURL struct {
	QueueURL string `json:"QueueUrl"`
}

// createQueue makes a queue, or finds the one with that name and those attributes.
func (s *Service) createQueue(_ context.Context, in createQueueInput) (any, error) {
	if _, fifo := in.Attributes["FifoQueue"]; fifo {
		return nil, checkAttribute("FifoQueue", "")
	}
	if !queueName.MatchString(in.QueueName) {
		return nil, invalidValue("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Clock.Now()
	if old, ok := s.queues[in.QueueName]; ok {
		return queueURL{s.url(old.name)}, old.sameAs(in.Attributes, now)
	}
	maps.DeleteFunc(s.deleted, func(_ string, at time.Time) bool { return now.Sub(at) >= cooling })
	if _, recently := s.deleted[in.QueueName]; recently {
		return nil, awswire.Errorf("QueueDeletedRecently",
			"You must wait 60 seconds after deleting a queue before you can create another with the same name.")
	}
	q := newQueue(in.QueueName, s.arn(in.QueueName), now)
	if err := s.configure(q, in.Attributes); err != nil {
		return nil, err
	}
	s.queues[q.name] = q
	return queueURL{s.url(q.name)}, nil
}

// sameAs is nil when each attribute given has that value.
func (q *queue) sameAs(given map[string]string, now time.Time) error {
	all := q.describe(now)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if all[name] != given[name] {
			return awswire.Errorf("QueueNameExists",
				"A queue already exists with the same name and a different value for attribute %s", name)
		}
	}
	return nil
}

type getQueueURLInput struct {
	QueueName string
	Owner     string `json:"QueueOwnerAWSAccountId"`
}

func (s *Service) getQueueURL(_ context.Context, in getQueueURLInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.queues[in.QueueName]
	if !ok || (in.Owner != "" && in.Owner != s.config.AccountID) {
		return nil, doesNotExist()
	}
	return queueURL{s.url(in.QueueName)}, nil
}

type listQueuesInput struct {
	Prefix     string `json:"QueueNamePrefix"`
	MaxResults int
	NextToken  string
}

type listQueuesOutput struct {
	QueueURLs []string `json:"QueueUrls,omitempty"`
	NextToken string   `json:",omitempty"`
}

const maxListed = 1000

// listQueues lists by name. A token is the name after which to go on, so that nothing is listed twice.
func (s *Service) listQueues(_ context.Context, in listQueuesInput) (any, error) {
	if in.MaxResults < 0 || in.MaxResults > maxListed {
		return nil, outside("MaxResults", in.MaxResults, 1, maxListed)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := listQueuesOutput{}
	var last string
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		if !strings.HasPrefix(name, in.Prefix) || name <= in.NextToken {
			continue
		}
		if len(out.QueueURLs) == maxListed || (in.MaxResults > 0 && len(out.QueueURLs) == in.MaxResults) {
			if in.MaxResults > 0 {
				out.NextToken = last
			}
			break
		}
		out.QueueURLs, last = append(out.QueueURLs, s.url(name)), name
	}
	return out, nil
}

// deleteQueue deletes a queue with its messages; there is no error when it has none.
func (s *Service) deleteQueue(_ context.Context, in queueURL) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.byURL(in.QueueURL)
	if err != nil {
		return nil, err
	}
	q.clear()
	q.wake()
	delete(s.queues, q.name)
	s.deleted[q.name] = s.config.Clock.Now()
	return empty{}, nil
}

func (s *Service) purgeQueue(_ context.Context, in queueURL) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.byURL(in.QueueURL)
	if err != nil {
		return nil, err
	}
	now := s.config.Clock.Now()
	if !q.purged.IsZero() && now.Sub(q.purged) < cooling {
		return nil, awswire.Errorf("PurgeQueueInProgress",
			"Only one PurgeQueue operation on %s is allowed every %s seconds.", q.name, strconv.Itoa(int(cooling.Seconds())))
	}
	q.purged = now
	q.clear()
	return empty{}, nil
}
