import { describe, expect, it } from 'vitest';
import { matches, type Order, type Query, reorder, rowKeys, select } from '../select';
import { alien, bad, good, native, pure } from './sample';

const query = (over: Partial<Query>): Query => ({
  text: '',
  onlyProblems: false,
  order: { by: 'name', descending: false },
  ...over,
});
const names = (q: Partial<Query>, all = bad()) => select(all, query(q)).map((d) => d.name);

describe('matches', () => {
  const d = native('uvloop', '0.22.1', [alien]);
  it.each(['', '  ', 'UVL', '0.22', 'manylinux', 'x86_64', 'amd64', 'loop 0.22'])(
    '“%s” finds uvloop',
    (text) => expect(matches(d, text)).toBe(true),
  );
  it.each(['zzz', 'uvloop zzz'])('“%s” does not', (text) => expect(matches(d, text)).toBe(false));
  it('does not match across two fields', () => expect(matches(pure('ab', '12'), 'ab12')).toBe(false));
});

describe('select', () => {
  it('shows only problems', () => expect(names({ onlyProblems: true })).toEqual(['uvloop']));
  it('combines text and problems', () => expect(names({ onlyProblems: true, text: 'click' })).toEqual([]));
  it('does not disturb what it was given', () => {
    const all = good();
    select(all, query({ order: { by: 'name', descending: true } }));
    expect(all).toEqual(good());
  });

  const by = (order: Order) => names({ order });
  it('sorts by name without regard to case', () => {
    expect(names({}, [pure('b', '1'), pure('A', '1'), pure('C', '1')])).toEqual(['A', 'b', 'C']);
  });
  it('sorts versions as numbers', () => {
    const all = [pure('a', '10.0'), pure('b', '9.1'), pure('c', '9.10')];
    expect(names({ order: { by: 'version', descending: false } }, all)).toEqual(['b', 'c', 'a']);
  });
  it('sorts by verdict, problems first, then by name', () => {
    expect(by({ by: 'verdict', descending: false })).toEqual(['uvloop', 'httptools', 'click', 'idna']);
    expect(by({ by: 'verdict', descending: true })).toEqual(['click', 'idna', 'httptools', 'uvloop']);
  });
  it('sorts by number of modules and by tag', () => {
    expect(by({ by: 'modules', descending: true })).toEqual(['httptools', 'uvloop', 'click', 'idna']);
    expect(by({ by: 'tag', descending: false })).toEqual(['httptools', 'uvloop', 'click', 'idna']);
  });
});

describe('reorder', () => {
  it('turns a column round, and starts counts with the largest', () => {
    const byName: Order = { by: 'name', descending: false };
    expect(reorder(byName, 'name')).toEqual({ by: 'name', descending: true });
    expect(reorder(byName, 'modules')).toEqual({ by: 'modules', descending: true });
    expect(reorder(byName, 'verdict')).toEqual({ by: 'verdict', descending: false });
  });
});

it('gives rows of one name different keys', () => {
  const keys = rowKeys([pure('a', '1'), pure('a', '1'), pure('a', '2')]);
  expect(new Set(keys).size).toBe(3);
});
