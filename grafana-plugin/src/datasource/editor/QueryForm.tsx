import React from 'react';
import { Alert, InlineFieldRow, Select } from '@grafana/ui';
import { missing } from '../complete';
import { QueryType } from '../query';
import { withType } from '../types';
import { FormatRow } from './FormatRow';
import { Labelled } from './fields/Labelled';
import { SwitchField } from './fields/SwitchField';
import { Form } from './form';
import { forms } from './forms/forms';
import { advice, canBeLive, Place, typesIn } from './offered';

/** The whole form of a query: type, fields, format, and what it lacks. */
export function QueryForm({ form, place }: { form: Form; place: Place }) {
  const { query } = form;
  const Fields = forms[query.queryType];
  const lack = missing(query) ?? advice(place, query);
  return (
    <>
      <InlineFieldRow>
        <TypeField form={form} place={place} />
        {canBeLive(place, query) && (
          <SwitchField form={form} field="live" label="Live" help="Ask again as soon as the store has something new" />
        )}
      </InlineFieldRow>
      <Fields form={form} />
      {place !== 'annotation' && <FormatRow form={form} />}
      {lack && <Alert severity="info" title={lack} />}
    </>
  );
}

function TypeField({ form: { query, replace }, place }: { form: Form; place: Place }) {
  return (
    <Labelled label="Query">
      {(id) => (
        <Select
          inputId={id}
          aria-label="Query"
          width={28}
          options={typesIn(place, query.queryType)}
          value={query.queryType}
          onChange={({ value }: { value?: QueryType }) => value && replace(withType(query, value))}
        />
      )}
    </Labelled>
  );
}
