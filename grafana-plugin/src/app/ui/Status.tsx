import { Badge } from '@grafana/ui';
import React from 'react';
import { lookOf, statusWord } from './statusLook';

/** A status: an icon, a word and a colour, for colour alone tells nothing. */
export function Status({ status }: { status: string }) {
  const { icon, color } = lookOf(status);
  return <Badge icon={icon} color={color} text={statusWord(status)} />;
}
